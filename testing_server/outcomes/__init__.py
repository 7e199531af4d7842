"""What comes of the marking: result forms now, results and analytics later. Takes frozen protocols."""
