internal import NIOCore
internal import NIOHTTP1

extension HeadCheck {
    /// Puts the check behind the decoder of the connection that this is added to, and leaves.
    final class Installer: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = Never

        private let rules: HeadRules
        private let onStream: @Sendable (any Channel, Bool) -> Void

        /// - Parameter rules: their hosts are what a connection to a loopback address may name.
        init(rules: HeadRules, onStream: @escaping @Sendable (any Channel, Bool) -> Void) {
            self.rules = rules
            self.onStream = onStream
        }

        func handlerAdded(context: ChannelHandlerContext) {
            let pipeline = context.pipeline.syncOperations
            do {
                let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
                var rules = rules
                if !LocalHosts.isLoopback(context.channel.localAddress) { rules.hosts = nil }
                let check = HeadCheck(rules: rules, onStream: onStream)
                try pipeline.addHandler(check, position: .after(decoder))
                let place = try pipeline.context(handler: check)
                try pipeline.addHandler(ByteWatch { check.bytesArrived($0, place) }, position: .before(decoder))
            } catch {
                // Without its check a connection is not served.
                context.close(promise: nil)
            }
        }
    }

    /// Reports bytes before they reach the decoder, which is silent until a head is complete.
    private final class ByteWatch: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = ByteBuffer
        typealias InboundOut = ByteBuffer

        private let report: (ByteBuffer) -> Void

        init(report: @escaping (ByteBuffer) -> Void) {
            self.report = report
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            report(unwrapInboundIn(data))
            context.fireChannelRead(data)
        }
    }
}
