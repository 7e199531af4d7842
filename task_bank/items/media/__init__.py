"""Pictures and sound of items: loaded, cleaned of whatever could tell, named by their digest."""
