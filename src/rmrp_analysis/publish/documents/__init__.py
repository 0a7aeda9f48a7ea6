"""Turn the outputs of a notebook into files: HTML, PDF, tables, the pages that lead to them."""
