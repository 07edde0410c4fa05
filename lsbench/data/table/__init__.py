"""A data set as a table, a row for each example: CSV, TSV, Parquet, a DataFrame, or arrays (n, d).

It is read, its columns are chosen, and it is divided into training and test rows. No torch here.
"""
