"""What experiments on models that generate share: pictures as answers, scores, what is kept."""
