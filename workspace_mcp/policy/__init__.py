"""What may leave this server: rules checked where requests leave, and the person's word for what reaches others."""
