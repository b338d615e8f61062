"""Series: values in the order of time, and the windows that models of sequences learn from."""
