"""How a redacted item becomes accessible HTML: content, interactions, pictures, guidance."""
