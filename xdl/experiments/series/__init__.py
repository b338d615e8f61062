"""Series: forecasts of numbers in time, each beside what is known without a network."""
