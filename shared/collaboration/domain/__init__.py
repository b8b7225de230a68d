"""The rules of the product: pure decisions on plain values, with the time passed in."""
