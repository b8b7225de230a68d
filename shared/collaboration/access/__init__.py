"""Access kept true: which collaborations a change concerns, their grants reconciled, and the nightly audit."""
