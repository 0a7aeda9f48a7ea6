"""The files of one language: its translations, its notation of numbers."""
