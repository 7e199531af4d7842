"""Robots that walk the whole day: organizer, coordinator, experts over HTTP, kiosk robots as processes.

Nothing of the other stages is called from here but the founding of the demonstration campaign.
"""
