"""The API of nonconformities and of what is done about them."""
