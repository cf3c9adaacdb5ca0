"""Cases from a help desk's export: understood, read row by row, and handed to the same intake as the API's."""
