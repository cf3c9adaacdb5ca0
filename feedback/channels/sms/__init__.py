"""SMS: one folder a provider."""
