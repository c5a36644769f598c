# Copyright the carryall authors.  See LICENSE.
"""The schema that is built in, as rows.

They are those of RFC 4512, RFC 4519, RFC 4523, RFC 4524, RFC 2798 (people) and RFC 2307 (accounts
of Unix).  The server itself keeps some attributes more.

Wire:     an attribute type is its OID, its names and its properties:
              sup=    the type that it is a subtype of, whose rules it has
              eq= ord= sub=   the matching rules, by the short names of RULE_NAMES
              syn=    the syntax: the last arc of 1.3.6.1.4.1.1466.115.121.1, or a whole OID; the
                      octets that a value may at least have stand behind a slash
              single  it has one value at most;  fixed: no client may change it
          An object class has sup=, abs or aux (structural otherwise), must= and may=.  A dollar
          begins the name of a GROUP of attributes.  A line that is indented goes on.
Not here: their meaning to the server (ldapschema.py).
Tests:    tests/protocols/ldap/test_ldapschema.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['ATTRIBUTE_TYPES', 'GROUPS', 'OBJECT_CLASSES', 'OPERATIONAL_TYPES', 'RULE_NAMES']

# Short name: the rules for equality, order and substrings
RULE_NAMES = {
    'ci': ('caseIgnoreMatch', 'caseIgnoreOrderingMatch', 'caseIgnoreSubstringsMatch'),
    'ce': ('caseExactMatch', 'caseExactOrderingMatch', 'caseExactSubstringsMatch'),
    'ci5': ('caseIgnoreIA5Match', '', 'caseIgnoreIA5SubstringsMatch'),
    'ce5': ('caseExactIA5Match', '', 'caseExactIA5SubstringsMatch'),
    'num': ('numericStringMatch', 'numericStringOrderingMatch', 'numericStringSubstringsMatch'),
    'tel': ('telephoneNumberMatch', '', 'telephoneNumberSubstringsMatch'),
    'list': ('caseIgnoreListMatch', '', 'caseIgnoreListSubstringsMatch'),
    'int': ('integerMatch', 'integerOrderingMatch', ''),
    'time': ('generalizedTimeMatch', 'generalizedTimeOrderingMatch', ''),
    'uuid': ('UUIDMatch', 'UUIDOrderingMatch', ''),
    'oct': ('octetStringMatch', 'octetStringOrderingMatch', ''),
    'bool': ('booleanMatch', '', ''),
    'bits': ('bitStringMatch', '', ''),
    'dn': ('distinguishedNameMatch', '', ''),
    'um': ('uniqueMemberMatch', '', ''),
    'oid': ('objectIdentifierMatch', '', ''),
    'oid1': ('objectIdentifierFirstComponentMatch', '', ''),
}

GROUPS = {
    'postal': 'postOfficeBox, postalCode, postalAddress, physicalDeliveryOfficeName',
    'telecom': 'registeredAddress, destinationIndicator, preferredDeliveryMethod, telexNumber, '
               'teletexTerminalIdentifier, telephoneNumber, internationaliSDNNumber, '
               'facsimileTelephoneNumber',
}

ATTRIBUTE_TYPES = u"""
2.5.4.41 name eq=ci sub=ci syn=15/32768
2.5.4.49 distinguishedName eq=dn syn=12
2.5.4.0 objectClass eq=oid syn=38
2.5.4.1 aliasedObjectName,aliasedEntryName eq=dn syn=12 single
2.5.4.3 cn,commonName sup=name
2.5.4.13 description eq=ci sub=ci syn=15/1024
2.5.4.34 seeAlso sup=distinguishedName
2.5.4.35 userPassword eq=oct syn=40/128
0.9.2342.19200300.100.1.1 uid,userid eq=ci sub=ci syn=15/256
1.3.6.1.4.1.250.1.57 labeledURI eq=ce syn=15
1.3.6.1.1.1.1.0 uidNumber eq=int ord=int syn=27 single
1.3.6.1.1.1.1.1 gidNumber eq=int ord=int syn=27 single
2.16.840.1.113730.3.1.34 ref eq=ce syn=15 usage=distributedOperation
2.5.4.2 knowledgeInformation eq=ci syn=15/32768
2.5.4.4 sn,surname sup=name
2.5.4.5 serialNumber eq=ci sub=ci syn=44/64
2.5.4.6 c,countryName sup=name syn=11 single
2.5.4.7 l,localityName sup=name
2.5.4.8 st,stateOrProvinceName sup=name
2.5.4.9 street,streetAddress eq=ci sub=ci syn=15/128
2.5.4.10 o,organizationName sup=name
2.5.4.11 ou,organizationalUnitName sup=name
2.5.4.12 title sup=name
2.5.4.14 searchGuide syn=25
2.5.4.15 businessCategory eq=ci sub=ci syn=15/128
2.5.4.16 postalAddress eq=list sub=list syn=41
2.5.4.17 postalCode eq=ci sub=ci syn=15/40
2.5.4.18 postOfficeBox eq=ci sub=ci syn=15/40
2.5.4.19 physicalDeliveryOfficeName eq=ci sub=ci syn=15/128
2.5.4.20 telephoneNumber eq=tel sub=tel syn=50/32
2.5.4.21 telexNumber syn=52
2.5.4.22 teletexTerminalIdentifier syn=51
2.5.4.23 facsimileTelephoneNumber,fax syn=22
2.5.4.24 x121Address eq=num sub=num syn=36/15
2.5.4.25 internationaliSDNNumber eq=num sub=num syn=36/16
2.5.4.26 registeredAddress sup=postalAddress syn=41
2.5.4.27 destinationIndicator eq=ci sub=ci syn=44/128
2.5.4.28 preferredDeliveryMethod syn=14 single
2.5.4.29 presentationAddress syn=43 single
2.5.4.30 supportedApplicationContext eq=oid syn=38
2.5.4.31 member sup=distinguishedName
2.5.4.32 owner sup=distinguishedName
2.5.4.33 roleOccupant sup=distinguishedName
2.5.4.36 userCertificate syn=8
2.5.4.37 cACertificate syn=8
2.5.4.38 authorityRevocationList syn=9
2.5.4.39 certificateRevocationList syn=9
2.5.4.40 crossCertificatePair syn=10
2.5.4.42 givenName,gn sup=name
2.5.4.43 initials sup=name
2.5.4.44 generationQualifier sup=name
2.5.4.45 x500UniqueIdentifier eq=bits syn=6
2.5.4.46 dnQualifier eq=ci ord=ci sub=ci syn=44
2.5.4.47 enhancedSearchGuide syn=21
2.5.4.48 protocolInformation syn=42
2.5.4.50 uniqueMember eq=um syn=34
2.5.4.51 houseIdentifier eq=ci sub=ci syn=15/32768
2.5.4.52 supportedAlgorithms syn=49
2.5.4.53 deltaRevocationList syn=9
2.5.4.54 dmdName sup=name
2.5.4.65 pseudonym sup=name
0.9.2342.19200300.100.1.3 mail,rfc822Mailbox eq=ci5 sub=ci5 syn=26/256
0.9.2342.19200300.100.1.25 dc,domainComponent eq=ci5 sub=ci5 syn=26 single
0.9.2342.19200300.100.1.37 associatedDomain eq=ci5 sub=ci5 syn=26
1.2.840.113549.1.9.1 email,emailAddress,pkcs9email eq=ci5 sub=ci5 syn=26/128
0.9.2342.19200300.100.1.2 textEncodedORAddress eq=ci sub=ci syn=15/256
0.9.2342.19200300.100.1.4 info eq=ci sub=ci syn=15/2048
0.9.2342.19200300.100.1.5 drink,favouriteDrink eq=ci sub=ci syn=15/256
0.9.2342.19200300.100.1.6 roomNumber eq=ci sub=ci syn=15/256
0.9.2342.19200300.100.1.7 photo syn=23/25000
0.9.2342.19200300.100.1.8 userClass eq=ci sub=ci syn=15/256
0.9.2342.19200300.100.1.9 host eq=ci sub=ci syn=15/256
0.9.2342.19200300.100.1.10 manager eq=dn syn=12
0.9.2342.19200300.100.1.11 documentIdentifier eq=ci sub=ci syn=15/256
0.9.2342.19200300.100.1.12 documentTitle eq=ci sub=ci syn=15/256
0.9.2342.19200300.100.1.13 documentVersion eq=ci sub=ci syn=15/256
0.9.2342.19200300.100.1.14 documentAuthor eq=dn syn=12
0.9.2342.19200300.100.1.15 documentLocation eq=ci sub=ci syn=15/256
0.9.2342.19200300.100.1.20 homePhone,homeTelephoneNumber eq=tel sub=tel syn=50
0.9.2342.19200300.100.1.21 secretary eq=dn syn=12
0.9.2342.19200300.100.1.22 otherMailbox syn=39
0.9.2342.19200300.100.1.26 aRecord eq=ci5 syn=26
0.9.2342.19200300.100.1.27 mDRecord eq=ci5 syn=26
0.9.2342.19200300.100.1.28 mXRecord eq=ci5 syn=26
0.9.2342.19200300.100.1.29 nSRecord eq=ci5 syn=26
0.9.2342.19200300.100.1.30 sOARecord eq=ci5 syn=26
0.9.2342.19200300.100.1.31 cNAMERecord eq=ci5 syn=26
0.9.2342.19200300.100.1.38 associatedName eq=dn syn=12
0.9.2342.19200300.100.1.39 homePostalAddress eq=list sub=list syn=41
0.9.2342.19200300.100.1.40 personalTitle eq=ci sub=ci syn=15/256
0.9.2342.19200300.100.1.41 mobile,mobileTelephoneNumber eq=tel sub=tel syn=50
0.9.2342.19200300.100.1.42 pager,pagerTelephoneNumber eq=tel sub=tel syn=50
0.9.2342.19200300.100.1.43 co,friendlyCountryName eq=ci sub=ci syn=15
0.9.2342.19200300.100.1.44 uniqueIdentifier eq=ci syn=15/256
0.9.2342.19200300.100.1.45 organizationalStatus eq=ci sub=ci syn=15/256
0.9.2342.19200300.100.1.46 janetMailbox eq=ci5 sub=ci5 syn=26/256
0.9.2342.19200300.100.1.47 mailPreferenceOption syn=27
0.9.2342.19200300.100.1.48 buildingName eq=ci sub=ci syn=15/256
0.9.2342.19200300.100.1.49 dSAQuality syn=19 single
0.9.2342.19200300.100.1.50 singleLevelQuality syn=13 single
0.9.2342.19200300.100.1.51 subtreeMinimumQuality syn=13 single
0.9.2342.19200300.100.1.52 subtreeMaximumQuality syn=13 single
0.9.2342.19200300.100.1.53 personalSignature syn=23
0.9.2342.19200300.100.1.54 dITRedirect eq=dn syn=12
0.9.2342.19200300.100.1.55 audio syn=4/25000
0.9.2342.19200300.100.1.56 documentPublisher eq=ci sub=ci syn=15
2.16.840.1.113730.3.1.1 carLicense eq=ci sub=ci syn=15
2.16.840.1.113730.3.1.2 departmentNumber eq=ci sub=ci syn=15
2.16.840.1.113730.3.1.241 displayName eq=ci sub=ci syn=15 single
2.16.840.1.113730.3.1.3 employeeNumber eq=ci sub=ci syn=15 single
2.16.840.1.113730.3.1.4 employeeType eq=ci sub=ci syn=15
0.9.2342.19200300.100.1.60 jpegPhoto syn=28
2.16.840.1.113730.3.1.39 preferredLanguage eq=ci sub=ci syn=15 single
2.16.840.1.113730.3.1.40 userSMIMECertificate syn=5
2.16.840.1.113730.3.1.216 userPKCS12 syn=5
1.3.6.1.1.1.1.2 gecos eq=ci5 sub=ci5 syn=26 single
1.3.6.1.1.1.1.3 homeDirectory eq=ce5 syn=26 single
1.3.6.1.1.1.1.4 loginShell eq=ce5 syn=26 single
1.3.6.1.1.1.1.5 shadowLastChange eq=int syn=27 single
1.3.6.1.1.1.1.6 shadowMin eq=int syn=27 single
1.3.6.1.1.1.1.7 shadowMax eq=int syn=27 single
1.3.6.1.1.1.1.8 shadowWarning eq=int syn=27 single
1.3.6.1.1.1.1.9 shadowInactive eq=int syn=27 single
1.3.6.1.1.1.1.10 shadowExpire eq=int syn=27 single
1.3.6.1.1.1.1.11 shadowFlag eq=int syn=27 single
1.3.6.1.1.1.1.12 memberUid eq=ce5 sub=ce5 syn=26
1.3.6.1.1.1.1.13 memberNisNetgroup eq=ce5 sub=ce5 syn=26
1.3.6.1.1.1.1.14 nisNetgroupTriple syn=1.3.6.1.1.1.0.0
1.3.6.1.1.1.1.15 ipServicePort eq=int syn=27 single
1.3.6.1.1.1.1.16 ipServiceProtocol sup=name
1.3.6.1.1.1.1.17 ipProtocolNumber eq=int syn=27 single
1.3.6.1.1.1.1.18 oncRpcNumber eq=int syn=27 single
1.3.6.1.1.1.1.19 ipHostNumber eq=ci5 syn=26/128
1.3.6.1.1.1.1.20 ipNetworkNumber eq=ci5 syn=26/128 single
1.3.6.1.1.1.1.21 ipNetmaskNumber eq=ci5 syn=26/128 single
1.3.6.1.1.1.1.22 macAddress eq=ci5 syn=26/128
1.3.6.1.1.1.1.23 bootParameter syn=1.3.6.1.1.1.0.1
1.3.6.1.1.1.1.24 bootFile eq=ce5 syn=26
1.3.6.1.1.1.1.26 nisMapName sup=name
1.3.6.1.1.1.1.27 nisMapEntry eq=ce5 sub=ce5 syn=26/1024 single
"""

OPERATIONAL_TYPES = u"""
2.5.18.1 createTimestamp eq=time ord=time syn=24 single fixed
2.5.18.2 modifyTimestamp eq=time ord=time syn=24 single fixed
2.5.18.3 creatorsName eq=dn syn=12 single fixed
2.5.18.4 modifiersName eq=dn syn=12 single fixed
2.5.18.9 hasSubordinates eq=bool syn=7 single fixed
2.5.18.10 subschemaSubentry eq=dn syn=12 single fixed
2.5.21.9 structuralObjectClass eq=oid syn=38 single fixed
1.3.6.1.1.16.4 entryUUID eq=uuid ord=uuid syn=1.3.6.1.1.16.1 single fixed
1.3.6.1.1.20 entryDN eq=dn syn=12 single fixed
1.3.6.1.4.1.453.16.2.103 numSubordinates eq=int ord=int syn=27 single fixed
1.3.6.1.4.1.42.2.27.8.1.16 pwdChangedTime eq=time ord=time syn=24 single fixed
1.3.6.1.4.1.42.2.27.8.1.17 pwdAccountLockedTime eq=time ord=time syn=24 single
1.3.6.1.4.1.42.2.27.8.1.19 pwdFailureTime eq=time ord=time syn=24 fixed
1.3.6.1.4.1.42.2.27.8.1.20 pwdHistory eq=oct syn=40 fixed
1.3.6.1.4.1.42.2.27.8.1.22 pwdReset eq=bool syn=7 single
2.5.21.4 matchingRules eq=oid1 syn=30
2.5.21.5 attributeTypes eq=oid1 syn=3
2.5.21.6 objectClasses eq=oid1 syn=37
2.5.21.8 matchingRuleUse eq=oid1 syn=31
1.3.6.1.4.1.1466.101.120.16 ldapSyntaxes eq=oid1 syn=54
1.3.6.1.4.1.1466.101.120.5 namingContexts eq=dn syn=12 usage=dSAOperation
1.3.6.1.4.1.1466.101.120.6 altServer syn=26 usage=dSAOperation
1.3.6.1.4.1.1466.101.120.7 supportedExtension syn=38 usage=dSAOperation
1.3.6.1.4.1.1466.101.120.13 supportedControl syn=38 usage=dSAOperation
1.3.6.1.4.1.1466.101.120.14 supportedSASLMechanisms syn=15 usage=dSAOperation
1.3.6.1.4.1.1466.101.120.15 supportedLDAPVersion syn=27 usage=dSAOperation
1.3.6.1.4.1.4203.1.3.5 supportedFeatures eq=oid syn=38 usage=dSAOperation
1.3.6.1.1.4 vendorName eq=ce syn=15 single fixed usage=dSAOperation
1.3.6.1.1.5 vendorVersion eq=ce syn=15 single fixed usage=dSAOperation
"""

OBJECT_CLASSES = u"""
2.5.6.0 top abs must=objectClass
1.3.6.1.4.1.1466.101.120.111 extensibleObject sup=top aux
2.5.6.1 alias sup=top must=aliasedObjectName
2.16.840.1.113730.3.2.6 referral sup=top must=ref
2.5.20.1 subschema aux may=matchingRules, attributeTypes, objectClasses, matchingRuleUse,
    ldapSyntaxes
2.5.17.0 subentry sup=top must=cn
2.5.6.2 country sup=top must=c may=searchGuide, description
2.5.6.3 locality sup=top may=street, seeAlso, searchGuide, st, l, description
2.5.6.4 organization sup=top must=o may=userPassword, searchGuide, seeAlso, businessCategory,
    x121Address, $telecom, street, $postal, st, l, description
2.5.6.5 organizationalUnit sup=top must=ou may=userPassword, searchGuide, seeAlso,
    businessCategory, x121Address, $telecom, street, $postal, st, l, description
2.5.6.6 person sup=top must=sn, cn may=userPassword, telephoneNumber, seeAlso, description
2.5.6.7 organizationalPerson sup=person may=title, x121Address, $telecom, street, $postal, ou,
    st, l
2.5.6.8 organizationalRole sup=top must=cn may=x121Address, $telecom, seeAlso, roleOccupant,
    preferredDeliveryMethod, street, $postal, ou, st, l, description
2.5.6.9 groupOfNames sup=top must=member, cn may=businessCategory, seeAlso, owner, ou, o,
    description
2.5.6.10 residentialPerson sup=person must=l may=businessCategory, x121Address, $telecom,
    preferredDeliveryMethod, street, $postal, st, l
2.5.6.11 applicationProcess sup=top must=cn may=seeAlso, ou, l, description
2.5.6.12 applicationEntity sup=top must=presentationAddress, cn may=supportedApplicationContext,
    seeAlso, ou, o, l, description
2.5.6.13 dSA sup=applicationEntity may=knowledgeInformation
2.5.6.14 device sup=top must=cn may=serialNumber, seeAlso, owner, ou, o, l, description
2.5.6.15 strongAuthenticationUser sup=top aux must=userCertificate
2.5.6.16 certificationAuthority sup=top aux must=authorityRevocationList,
    certificateRevocationList, cACertificate may=crossCertificatePair
2.5.6.17 groupOfUniqueNames sup=top must=uniqueMember, cn may=businessCategory, seeAlso, owner,
    ou, o, description
2.5.6.18 userSecurityInformation sup=top aux may=supportedAlgorithms
2.5.6.16.2 certificationAuthority-V2 sup=certificationAuthority aux may=deltaRevocationList
2.5.6.19 cRLDistributionPoint sup=top must=cn may=certificateRevocationList,
    authorityRevocationList, deltaRevocationList
2.5.6.20 dmd sup=top must=dmdName may=userPassword, searchGuide, seeAlso, businessCategory,
    x121Address, $telecom, street, $postal, st, l, description
2.5.6.21 pkiUser sup=top aux may=userCertificate
2.5.6.22 pkiCA sup=top aux may=authorityRevocationList, certificateRevocationList,
    cACertificate, crossCertificatePair
2.5.6.23 deltaCRL sup=top aux may=deltaRevocationList
1.3.6.1.4.1.250.3.15 labeledURIObject sup=top aux may=labeledURI
0.9.2342.19200300.100.4.19 simpleSecurityObject sup=top aux must=userPassword
1.3.6.1.4.1.1466.344 dcObject sup=top aux must=dc
1.3.6.1.1.3.1 uidObject sup=top aux must=uid
0.9.2342.19200300.100.4.4 pilotPerson, newPilotPerson sup=person may=userid,
    textEncodedORAddress, rfc822Mailbox, favouriteDrink, roomNumber, userClass,
    homeTelephoneNumber, homePostalAddress, secretary, personalTitle, preferredDeliveryMethod,
    businessCategory, janetMailbox, otherMailbox, mobileTelephoneNumber, pagerTelephoneNumber,
    organizationalStatus, mailPreferenceOption, personalSignature
0.9.2342.19200300.100.4.5 account sup=top must=userid may=description, seeAlso, localityName,
    organizationName, organizationalUnitName, host
0.9.2342.19200300.100.4.6 document sup=top must=documentIdentifier may=commonName, description,
    seeAlso, localityName, organizationName, organizationalUnitName, documentTitle,
    documentVersion, documentAuthor, documentLocation, documentPublisher
0.9.2342.19200300.100.4.7 room sup=top must=commonName may=roomNumber, description, seeAlso,
    telephoneNumber
0.9.2342.19200300.100.4.9 documentSeries sup=top must=commonName may=description, seeAlso,
    telephonenumber, localityName, organizationName, organizationalUnitName
0.9.2342.19200300.100.4.13 domain sup=top must=domainComponent may=associatedName,
    organizationName, description, businessCategory, seeAlso, searchGuide, userPassword,
    localityName, stateOrProvinceName, streetAddress, physicalDeliveryOfficeName, postalAddress,
    postalCode, postOfficeBox, streetAddress, facsimileTelephoneNumber, internationalISDNNumber,
    telephoneNumber, teletexTerminalIdentifier, telexNumber, preferredDeliveryMethod,
    destinationIndicator, registeredAddress, x121Address
0.9.2342.19200300.100.4.14 RFC822localPart sup=domain may=commonName, surname, description,
    seeAlso, telephoneNumber, physicalDeliveryOfficeName, postalAddress, postalCode,
    postOfficeBox, streetAddress, facsimileTelephoneNumber, internationalISDNNumber,
    telephoneNumber, teletexTerminalIdentifier, telexNumber, preferredDeliveryMethod,
    destinationIndicator, registeredAddress, x121Address
0.9.2342.19200300.100.4.15 dNSDomain sup=domain may=aRecord, mDRecord, mXRecord, nSRecord,
    sOARecord, cNAMERecord
0.9.2342.19200300.100.4.17 domainRelatedObject sup=top aux must=associatedDomain
0.9.2342.19200300.100.4.18 friendlyCountry sup=country must=friendlyCountryName
0.9.2342.19200300.100.4.20 pilotOrganization sup=organization, organizationalUnit
    may=buildingName
0.9.2342.19200300.100.4.21 pilotDSA sup=dSA may=dSAQuality
0.9.2342.19200300.100.4.22 qualityLabelledData sup=top aux must=dsaQuality
    may=subtreeMinimumQuality, subtreeMaximumQuality
2.16.840.1.113730.3.2.2 inetOrgPerson sup=organizationalPerson may=audio, businessCategory,
    carLicense, departmentNumber, displayName, employeeNumber, employeeType, givenName,
    homePhone, homePostalAddress, initials, jpegPhoto, labeledURI, mail, manager, mobile, o,
    pager, photo, roomNumber, secretary, uid, userCertificate, x500uniqueIdentifier,
    preferredLanguage, userSMIMECertificate, userPKCS12
1.3.6.1.1.1.2.0 posixAccount sup=top aux must=cn, uid, uidNumber, gidNumber, homeDirectory
    may=userPassword, loginShell, gecos, description
1.3.6.1.1.1.2.1 shadowAccount sup=top aux must=uid may=userPassword, shadowLastChange,
    shadowMin, shadowMax, shadowWarning, shadowInactive, shadowExpire, shadowFlag, description
1.3.6.1.1.1.2.2 posixGroup sup=top must=cn, gidNumber may=userPassword, memberUid, description
1.3.6.1.1.1.2.3 ipService sup=top must=cn, ipServicePort, ipServiceProtocol may=description
1.3.6.1.1.1.2.4 ipProtocol sup=top must=cn, ipProtocolNumber, description may=description
1.3.6.1.1.1.2.5 oncRpc sup=top must=cn, oncRpcNumber, description may=description
1.3.6.1.1.1.2.6 ipHost sup=top aux must=cn, ipHostNumber may=l, description, manager
1.3.6.1.1.1.2.7 ipNetwork sup=top must=cn, ipNetworkNumber may=ipNetmaskNumber, l, description,
    manager
1.3.6.1.1.1.2.8 nisNetgroup sup=top must=cn may=nisNetgroupTriple, memberNisNetgroup,
    description
1.3.6.1.1.1.2.9 nisMap sup=top must=nisMapName may=description
1.3.6.1.1.1.2.10 nisObject sup=top must=cn, nisMapEntry, nisMapName may=description
1.3.6.1.1.1.2.11 ieee802Device sup=top aux may=macAddress
1.3.6.1.1.1.2.12 bootableDevice sup=top aux may=bootFile, bootParameter
"""
