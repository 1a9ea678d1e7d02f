internal import Linux
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// Puts changed files in force: on SIGHUP, and some seconds after they changed. SIGHUP never ends the agent.
struct WebAccessService: Service {
    let access: WebAccess
    let logger: Logger

    /// Between two looks at the files; a certificate that was renewed is late by as much.
    private static let interval = Duration.seconds(2)

    func run() async throws {
        // The files may lie on a file system that hangs.
        let thread = try WorkThread()
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    for await _ in signals {
                        if access.isWatched {
                            await reload(on: thread, isAsked: true)
                        } else {
                            logger.info(
                                "SIGHUP: neither --web.config.file nor --web.token-files is set, nothing to read")
                        }
                    }
                }
                group.addTask {
                    guard access.isWatched else { return }
                    while (try? await Task.sleep(for: Self.interval)) != nil {
                        await reload(on: thread, isAsked: false)
                    }
                }
            }
        }
        await access.close()
    }

    /// Waits until it is done, or the task is cancelled: a thread that hangs in a file system must not keep the agent from
    /// ending.
    private func reload(on thread: WorkThread, isAsked: Bool) async {
        let (done, continuation) = AsyncStream.makeStream(of: Void.self)
        thread.run {
            access.reload(isAsked: isAsked)
            continuation.finish()
        }
        for await _ in done {}
    }
}
