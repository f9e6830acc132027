"""What comes in: institutions, campaigns, suppliers, deliveries, and the maker of the demonstration holdings."""
