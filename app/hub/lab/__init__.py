"""The lab: train models in the page, compare runs, and sweep over hyperparameters."""
