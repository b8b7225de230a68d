"""Mails: what the outbox holds, worded and handed to the provider."""
