"""What answers the operations: one module for what is asked together, imported with its first request."""
