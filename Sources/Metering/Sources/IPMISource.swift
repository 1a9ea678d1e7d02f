internal import Attribution
internal import CLinux
internal import Glibc
package import Linux
package import Units

extension PolledSource {
    /// The whole node's power by the BMC, over the kernel's IPMI device: one reading every five seconds.
    package static func ipmi(
        paths: HostPaths, polling: any Polling = ThreadPolling()
    ) throws(Diagnosis) -> PolledSource {
        let candidates = ["/ipmi0", "/ipmi/0", "/ipmidev/0"].map { paths.devfs + $0 }
        guard let device = candidates.first(where: fileExists) else {
            throw Machine(paths).missingIPMI(candidates[0])
        }
        // Opened once to check the permission.
        _ = try IPMIDevice(path: device)
        let interval = Seconds(5)
        let mailbox = PowerMailbox()
        let poller = polling.start(every: interval) {
            var open: IPMIDevice?
            return {
                do throws(Diagnosis) {
                    if open == nil { open = try IPMIDevice(path: device) }
                    guard var transport = open else { return }
                    try readPower(over: &transport, into: mailbox)
                } catch {
                    open = nil
                    mailbox.fail(error)
                }
            }
        }
        return .ipmi(interval: interval, mailbox: mailbox, poller: poller)
    }

    /// The source that reads the mailbox.
    package static func ipmi(
        interval: Seconds, mailbox: PowerMailbox, poller: (any AnyObject & Sendable)? = nil
    ) -> PolledSource {
        let zone = Zone(
            .platform, source: "ipmi", quality: .measured, method: .sampled)
        return PolledSource(name: "ipmi", zones: [zone], interval: interval, mailbox: mailbox, poller: poller)
    }
}

/// Asks a BMC for its power once.
package func readPower(over transport: inout some IPMITransport, into mailbox: PowerMailbox) throws(Diagnosis) {
    let answer = try transport.send(function: DCMI.function, command: DCMI.getPowerReading, data: DCMI.request)
    mailbox.post([.platform: try DCMI.power(in: answer)])
}

/// The kernel's IPMI device. drivers/char/ipmi/ipmi_devintf.c
final class IPMIDevice: IPMITransport {
    private let path: String
    private let descriptor: Int32
    private var sequence = 0

    /// A BMC takes its time, but not more than this, ms.
    private static let patience: Int32 = 4000

    init(path: String) throws(Diagnosis) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.explain(path, errno) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func send(function: UInt8, command: UInt8, data: [UInt8]) throws(Diagnosis) -> [UInt8] {
        sequence += 1
        let sent = energyd_ipmi_send(descriptor, sequence, function, command, data, data.count)
        guard sent == 0 else { throw Self.explain(path, -sent) }
        var buffer = [UInt8](repeating: 0, count: 272)
        for _ in 0..<4 {
            var id = 0
            let length = energyd_ipmi_receive(descriptor, Self.patience, &id, &buffer, buffer.count)
            guard length >= 0 else { throw Self.explain(path, -length) }
            // The answer to an earlier command that timed out.
            if id != sequence { continue }
            return Array(buffer.prefix(Int(length)))
        }
        throw Diagnosis(.unreachable, "\(path): the BMC answers only other commands")
    }

    private static func explain(_ path: String, _ code: Int32) -> Diagnosis {
        let text = "\(path): \(String(cString: strerror(code)))"
        switch code {
        case EACCES, EPERM:
            return Diagnosis(
                .permission, text,
                remedy:
                    "run as root, or give the agent's user access to the device (mode 0600 root); in a container, allow it"
            )
        case ENOENT, ENODEV, ENXIO: return Diagnosis(.missing, text, remedy: "modprobe ipmi_si")
        default: return Diagnosis(.unreachable, text)
        }
    }
}
