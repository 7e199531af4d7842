"""Who marks: a coordinator appoints experts and the head of the commission."""
