"""What people write: Markdown and HTML made safe, Unicode hygiene, names, quotations. Pure."""
