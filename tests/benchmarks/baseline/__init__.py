"""What the product is measured against: the least that a Django view would do, in tables of its own."""
