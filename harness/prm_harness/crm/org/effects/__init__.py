"""What a save sets off besides the row itself: duplicate rules, flows, roll-ups, history."""
