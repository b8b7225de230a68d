"""What is read: the contexts that decisions need, single resources, pages of lists. Nothing here writes."""
