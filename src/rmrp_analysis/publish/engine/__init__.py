"""Run notebooks side by side: in this process, in other processes, or on other computers."""
