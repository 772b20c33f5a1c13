"""KAM XL: key-account management inside Excel."""

__version__ = "0.1.0"
