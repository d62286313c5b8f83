"""Formulas of validation rules and formula fields: text → tree → value. Knows no schema; a scope hands it fields."""
