"""What experiments on models that generate share: pictures as answers, and a classifier that scores them."""
