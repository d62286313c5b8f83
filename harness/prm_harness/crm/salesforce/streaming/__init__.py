"""Streaming: change events, platform events and PushTopics, delivered by CometD long polling."""
