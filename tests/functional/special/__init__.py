"""Special values, and operands of several dtypes."""
