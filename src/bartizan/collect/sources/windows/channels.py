"""Which Sigma service the records of an event log channel serve, and which channel a provider writes to.

The names are those of the Sigma taxonomy and of the log sources that published rules ask for.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CHANNEL_OF_PROVIDER", "SERVICE_OF_CHANNEL", "channel_of"]

_CHANNELS: Final = {
    "application": ("Application",),
    "applocker": (
        "Microsoft-Windows-AppLocker/EXE and DLL",
        "Microsoft-Windows-AppLocker/MSI and Script",
        "Microsoft-Windows-AppLocker/Packaged app-Deployment",
        "Microsoft-Windows-AppLocker/Packaged app-Execution",
    ),
    "appmodel-runtime": ("Microsoft-Windows-AppModel-Runtime/Admin",),
    "appxdeployment-server": ("Microsoft-Windows-AppXDeploymentServer/Operational",),
    "appxpackaging-om": ("Microsoft-Windows-AppxPackaging/Operational",),
    "audit-cve": ("Microsoft-Windows-Audit-CVE/Operational",),
    "bitlocker": ("Microsoft-Windows-BitLocker/BitLocker Management",),
    "bits-client": ("Microsoft-Windows-Bits-Client/Operational",),
    "capi2": ("Microsoft-Windows-CAPI2/Operational",),
    "certificateservicesclient-lifecycle-system": ("Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational",),
    "codeintegrity-operational": ("Microsoft-Windows-CodeIntegrity/Operational",),
    "dhcp": ("Microsoft-Windows-DHCP-Server/Operational",),
    "diagnosis-scripted": ("Microsoft-Windows-Diagnosis-Scripted/Operational",),
    "directory-service": ("Directory Service",),
    "dns-client": ("Microsoft-Windows-DNS Client Events/Operational", "Microsoft-Windows-DNS-Client/Operational"),
    "dns-server": ("DNS Server",),
    "dns-server-analytic": ("Microsoft-Windows-DNS-Server/Analytical",),
    "dns-server-audit": ("Microsoft-Windows-DNS-Server/Audit",),
    "driver-framework": ("Microsoft-Windows-DriverFrameworks-UserMode/Operational",),
    "firewall-as": ("Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",),
    "hyper-v-worker": ("Microsoft-Windows-Hyper-V-Worker-Admin", "Microsoft-Windows-Hyper-V-Worker"),
    "iis-configuration": ("Microsoft-IIS-Configuration/Operational",),
    "kernel-event-tracing": ("Microsoft-Windows-Kernel-EventTracing", "Microsoft-Windows-Kernel-EventTracing/Admin"),
    "kernel-shimengine": ("Microsoft-Windows-Kernel-ShimEngine/Operational", "Microsoft-Windows-Kernel-ShimEngine/Diagnostic"),
    "ldap": ("Microsoft-Windows-LDAP-Client/Debug",),
    "lsa-server": ("Microsoft-Windows-LSA/Operational",),
    "microsoft-servicebus-client": ("Microsoft-ServiceBus-Client", "Microsoft-ServiceBus-Client/Admin"),
    "msexchange-management": ("MSExchange Management",),
    "ntfs": ("Microsoft-Windows-Ntfs/Operational",),
    "ntlm": ("Microsoft-Windows-NTLM/Operational",),
    "openssh": ("OpenSSH/Operational",),
    "powershell": ("Microsoft-Windows-PowerShell/Operational", "PowerShellCore/Operational"),
    "powershell-classic": ("Windows PowerShell",),
    "printservice-admin": ("Microsoft-Windows-PrintService/Admin",),
    "printservice-operational": ("Microsoft-Windows-PrintService/Operational",),
    "security": ("Security",),
    "security-mitigations": ("Microsoft-Windows-Security-Mitigations/Kernel Mode", "Microsoft-Windows-Security-Mitigations/User Mode"),
    "sense": ("Microsoft-Windows-SENSE/Operational",),
    "setup": ("Setup",),
    "shell-core": ("Microsoft-Windows-Shell-Core/Operational",),
    "smbclient-audit": ("Microsoft-Windows-SmbClient/Audit",),
    "smbclient-connectivity": ("Microsoft-Windows-SmbClient/Connectivity",),
    "smbclient-operational": ("Microsoft-Windows-SMBClient/Operational",),
    "smbclient-security": ("Microsoft-Windows-SmbClient/Security",),
    "smbserver-audit": ("Microsoft-Windows-SMBServer/Audit",),
    "smbserver-connectivity": ("Microsoft-Windows-SMBServer/Connectivity",),
    "smbserver-operational": ("Microsoft-Windows-SMBServer/Operational",),
    "smbserver-security": ("Microsoft-Windows-SMBServer/Security",),
    "sysmon": ("Microsoft-Windows-Sysmon/Operational",),
    "system": ("System",),
    "taskscheduler": ("Microsoft-Windows-TaskScheduler/Operational",),
    "terminalservices-localsessionmanager": ("Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",),
    "terminalservices-remoteconnectionmanager": ("Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",),
    "user-profile-service": ("Microsoft-Windows-User Profile Service/Operational",),
    "vhdmp": ("Microsoft-Windows-VHDMP/Operational", "Microsoft-Windows-VHDMP-Operational"),
    "windefend": ("Microsoft-Windows-Windows Defender/Operational",),
    "winrm": ("Microsoft-Windows-WinRM/Operational",),
    "wmi": ("Microsoft-Windows-WMI-Activity/Operational",),
}

SERVICE_OF_CHANNEL: Final = {channel.lower(): service for service, channels in _CHANNELS.items() for channel in channels}
"""Channel name, in lower case as exporters write it in any -> Sigma service."""

CHANNEL_OF_PROVIDER: Final = {
    "microsoft-windows-sysmon": "microsoft-windows-sysmon/operational",
    "linux-sysmon": "linux-sysmon/operational",
    "microsoft-windows-security-auditing": "security",
    "microsoft-windows-powershell": "microsoft-windows-powershell/operational",
    "powershellcore": "powershellcore/operational",
    "powershell": "windows powershell",
    "service control manager": "system",
    "microsoft-windows-windows defender": "microsoft-windows-windows defender/operational",
    "microsoft-windows-taskscheduler": "microsoft-windows-taskscheduler/operational",
    "microsoft-windows-wmi-activity": "microsoft-windows-wmi-activity/operational",
    "microsoft-windows-kernel-file": "microsoft-windows-kernel-file/analytic",
}
"""Provider in lower case -> the channel it writes to, for exports that leave the channel out."""


def channel_of(channel: str, provider: str) -> str:
    """Return the channel in lower case, guessed from the provider where the record names none."""
    return channel.lower() or CHANNEL_OF_PROVIDER.get(provider.lower(), "")
