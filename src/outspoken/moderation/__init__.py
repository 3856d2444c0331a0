"""What keeps order: rules (one file a rule) and the limits they count by. Rules hold; people decide."""
