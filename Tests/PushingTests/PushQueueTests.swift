import Testing

@Suite struct PushQueueTests {}
