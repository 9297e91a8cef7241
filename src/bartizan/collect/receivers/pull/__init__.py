"""Fetch logs from where others put them: queues that tell of objects, topics of Kafka. What is safe on disk is let go of there."""
