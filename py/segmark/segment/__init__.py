"""From a prompt to a mask: pre-processing, a Predictor, post-processing."""
