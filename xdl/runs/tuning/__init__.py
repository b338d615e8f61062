"""Tuning: trials of an experiment with settings that Optuna chooses, in one study that several processes share."""
