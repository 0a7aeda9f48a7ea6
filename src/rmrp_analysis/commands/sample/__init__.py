"""Draw an illustrative plan of any size from the bundled one: its partners remember whom they reached."""

from rmrp_analysis.commands.sample.write import NOTICE, PLANTED_FILE, write_sample, write_workbook

__all__ = ["NOTICE", "PLANTED_FILE", "write_sample", "write_workbook"]
