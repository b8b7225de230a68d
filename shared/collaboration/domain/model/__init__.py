"""Entities and values of the product, and rules that several decisions share."""
