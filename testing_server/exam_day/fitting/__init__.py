"""Will it fit: speech, materials and hours of a sitting against disk, memory, battery and link of the room."""
