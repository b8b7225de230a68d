"""What the mails look like: `make mails`."""
