package import Units

/// The power messages of the Data Center Manageability Interface, version 1.5, section 6.6.1 "Get Power Reading".
package enum DCMI {
    /// Network function "group extension".
    package static let function: UInt8 = 0x2c
    package static let getPowerReading: UInt8 = 0x02
    /// The group's number, and the whole system's power as of now.
    package static let request: [UInt8] = [0xdc, 0x01, 0x00, 0x00]

    private static let group: UInt8 = 0xdc
    /// Completion codes: IPMI 2.0, table 5-2.
    private static let meanings: [UInt8: String] = [
        0xc0: "the BMC is busy", 0xc1: "the BMC does not support the command: it has no DCMI power meter",
        0xcb: "the BMC has no such reading", 0xd4: "the BMC denies access", 0xd5: "the meter is switched off",
    ]

    /// The power in an answer, which begins with its completion code: that of the moment.
    package static func power(in answer: [UInt8]) throws(Diagnosis) -> Watts {
        guard let completion = answer.first else { throw garbage(answer) }
        guard completion == 0 else {
            let meaning = meanings[completion] ?? "completion code 0x\(String(completion, radix: 16))"
            throw Diagnosis(
                completion == 0xc1 || completion == 0xcb ? .missing : completion == 0xd4 ? .permission : .unreachable,
                "Get Power Reading: \(meaning)")
        }
        // Code, group, now, least, most, mean (16 bits each, little endian), time stamp, period (32 bits), state.
        guard answer.count >= 19, answer[1] == group else { throw garbage(answer) }
        guard answer[18] & 0x40 != 0 else {
            throw Diagnosis(.missing, "Get Power Reading: the BMC is not measuring power at the moment")
        }
        return Watts(Double(UInt16(answer[2]) | UInt16(answer[3]) << 8))
    }

    private static func garbage(_ answer: [UInt8]) -> Diagnosis {
        let bytes = answer.prefix(24).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
        return Diagnosis(.garbage, "Get Power Reading: malformed response: [\(bytes)]")
    }
}

/// A way to a BMC.
package protocol IPMITransport {
    /// Sends one command and waits for its answer, which begins with the completion code.
    mutating func send(function: UInt8, command: UInt8, data: [UInt8]) throws(Diagnosis) -> [UInt8]
}
