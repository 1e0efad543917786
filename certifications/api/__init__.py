"""The API of certificates and of what they refer to."""
