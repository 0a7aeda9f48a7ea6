"""What the bundled plan ``data/rmrp-2021`` is made by: a deterministic generator of illustrative records."""
