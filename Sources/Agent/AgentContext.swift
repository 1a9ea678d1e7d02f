internal import Hummingbird
internal import NIOCore

/// What is known of a request beside its own bytes.
struct AgentContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection that it came over.
    let channel: any Channel
    /// What the reader's right to read depends on; see ``AccessCheck``.
    var permission = StreamFeed.Permission()

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
