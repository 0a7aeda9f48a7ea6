"""Make the reports of a run: preparation, reports, publication, verification."""
