"""Run notebooks side by side: in this process, in others, on other computers."""
