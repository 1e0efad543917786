"""What follows from an audit: its report, the nonconformities of its findings, and their verification."""
