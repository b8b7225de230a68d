"""What each decision has to know: values loaded by queries, with what follows from them alone."""
