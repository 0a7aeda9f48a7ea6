"""Turn what a notebook shows into files: HTML, PDF, tables, the pages that lead to them."""
