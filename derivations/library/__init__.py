"""Claims about the formulas of `manual_grads`, one module for each model."""
