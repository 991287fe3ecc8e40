/** Words of the gateway's own pages, in the two languages of our users. */
export type Language = 'en' | 'bg'

/** Why somebody sees a page of ours. */
export type PageName =
  | 'front'
  | 'not-found'
  | 'creating'
  | 'unavailable'
  | 'failed'
  | 'suspended'
  | 'disabled'
  | 'resting'
  | 'refused'
  | 'too-large'
  | 'too-slow'
  | 'bad-request'

export interface PageText {
  readonly title: string
  readonly lead: string
  readonly hint: string
}

export const pageTexts: Readonly<Record<Language, Readonly<Record<PageName, PageText>>>> = {
  en: {
    front: {
      title: 'Pulse is running',
      lead: 'Each workspace has an address of its own, with its name in front, such as acme.localhost.',
      hint: 'Operators: the command “pulse get planaclients” lists them.',
    },
    'not-found': {
      title: 'There is nothing at this address',
      lead: 'No workspace answers under this name.',
      hint: 'Check the spelling of the address, or ask the person who gave it to you.',
    },
    creating: {
      title: 'Your workspace is being made',
      lead: 'This takes a few seconds. The page opens by itself when it is ready.',
      hint: 'You can leave this page open.',
    },
    unavailable: {
      title: 'The workspace is starting again',
      lead: 'It does not answer at the moment. The page tries again by itself.',
      hint: 'If this lasts longer than a few minutes, please contact your administrator.',
    },
    failed: {
      title: 'The workspace could not be started',
      lead: 'The operators of this platform have been shown the reason.',
      hint: 'Please contact your administrator. Nothing has been lost, and the page tries again by itself.',
    },
    suspended: {
      title: 'This workspace is suspended',
      lead: 'Its data is kept. Only its access is paused.',
      hint: 'The owner can contact the operator of this platform to resume it.',
    },
    disabled: {
      title: 'This workspace is switched off',
      lead: 'It is no longer in use.',
      hint: 'The owner can contact the operator of this platform.',
    },
    resting: {
      title: 'The workspace rests for a moment',
      lead: 'It is asleep, and has been woken very often in a short time.',
      hint: 'The page tries again by itself.',
    },
    refused: {
      title: 'This address is not served',
      lead: 'For your safety this door of Odoo is closed.',
      hint: 'Integrations use XML-RPC at /xmlrpc/2/common and /xmlrpc/2/object.',
    },
    'too-large': {
      title: 'This upload is too large',
      lead: 'The file is larger than this platform accepts.',
      hint: 'Split it, or ask the operator for a higher limit.',
    },
    'too-slow': {
      title: 'The upload stopped on its way',
      lead: 'The rest of it did not arrive in time.',
      hint: 'Check your connection, then go back and send it again.',
    },
    'bad-request': {
      title: 'This request cannot be understood',
      lead: 'The address or a header is not valid.',
      hint: 'Go back and try again.',
    },
  },
  bg: {
    front: {
      title: 'Pulse работи',
      lead: 'Всяко работно пространство има собствен адрес с името си отпред, например acme.localhost.',
      hint: 'За оператори: командата „pulse get planaclients“ ги изброява.',
    },
    'not-found': {
      title: 'На този адрес няма нищо',
      lead: 'Няма работно пространство с това име.',
      hint: 'Проверете изписването на адреса или попитайте човека, който ви го е дал.',
    },
    creating: {
      title: 'Вашето работно пространство се създава',
      lead: 'Отнема няколко секунди. Страницата ще се отвори сама, когато е готово.',
      hint: 'Можете да оставите страницата отворена.',
    },
    unavailable: {
      title: 'Работното пространство се стартира отново',
      lead: 'В момента не отговаря. Страницата опитва отново сама.',
      hint: 'Ако това продължи повече от няколко минути, обърнете се към вашия администратор.',
    },
    failed: {
      title: 'Работното пространство не може да се стартира',
      lead: 'Операторите на платформата виждат причината.',
      hint: 'Моля, обърнете се към вашия администратор. Нищо не е загубено, а страницата опитва отново сама.',
    },
    suspended: {
      title: 'Това работно пространство е спряно временно',
      lead: 'Данните са запазени. Спрян е само достъпът.',
      hint: 'Собственикът може да се обърне към оператора на платформата.',
    },
    disabled: {
      title: 'Това работно пространство е изключено',
      lead: 'То вече не се използва.',
      hint: 'Собственикът може да се обърне към оператора на платформата.',
    },
    resting: {
      title: 'Работното пространство си почива за момент',
      lead: 'То спи, а за кратко време беше събуждано много пъти.',
      hint: 'Страницата опитва отново сама.',
    },
    refused: {
      title: 'Този адрес не се обслужва',
      lead: 'За ваша сигурност тази врата на Odoo е затворена.',
      hint: 'Интеграциите използват XML-RPC на /xmlrpc/2/common и /xmlrpc/2/object.',
    },
    'too-large': {
      title: 'Файлът е твърде голям',
      lead: 'Файлът е по-голям, отколкото платформата приема.',
      hint: 'Разделете го или поискайте по-висок лимит от оператора.',
    },
    'too-slow': {
      title: 'Качването спря по пътя',
      lead: 'Останалата част не пристигна навреме.',
      hint: 'Проверете връзката си, върнете се назад и изпратете отново.',
    },
    'bad-request': {
      title: 'Заявката не може да бъде разбрана',
      lead: 'Адресът или някой от заглавните редове не е валиден.',
      hint: 'Върнете се назад и опитайте отново.',
    },
  },
}
