// Every word the workstation says, in Russian and English. Refusals and verdicts are looked up by their code.

const RU = {
  page: "Рабочее место", seat: (seat) => `место ${seat}`, room: (room) => `аудитория ${room}`,
  language: "Язык", otherLanguage: "English", training: "Тренировка: ничего не засчитывается",
  skip: "К заданию",
  linkGood: "сервер на связи", linkAway: "нет связи с сервером",
  gone: "Программа рабочего места не отвечает",
  goneSafe: "Всё, что было отмечено как сохранённое, цело. Ввод остановлен, чтобы ничего не потерялось.",
  goneRemedy: "Подождите немного: работа продолжится сама. Если это длится дольше минуты, поднимите руку.",
  goneUnsaved: (count) => `Ещё не сохранено ответов: ${count}. Они будут записаны, как только программа ответит.`,
  pairing: {
    title: "Сопряжение рабочего места",
    what: "Это рабочее место ещё не знает сервер аудитории. Его подключает организатор или технический специалист.",
    address: "Адрес сервера аудитории", begin: "Показать код", found: "Найдены в сети", none: "В сети сервер не найден: введите адрес, который показывает его экран.",
    code: "Код рабочего места", type: "Наберите эти шесть цифр на консоли сервера у этого места.",
    wait: "Сервер ждёт кода…", green: "Сервер принял код. Посмотрите на консоль: она зелёная?",
    red: "Код не совпал. Если цифры набраны верно, между рабочим местом и сервером стоит кто-то чужой: позовите технического специалиста.",
    yes: "Консоль зелёная", no: "Консоль не зелёная", again: "Показать новый код",
  },
  signIn: {
    title: "Вход", label: "Логин", hint: "Восемь цифр с вашего листка", go: "Войти", wait: "Вхожу…",
    wrong: "Последняя цифра не подходит: посмотрите на листок ещё раз.", count: (count) => `Ещё цифр: ${count}`,
  },
  loading: { title: "Готовлю задания", left: (count) => `Осталось файлов: ${count}`, keep: "Это займёт несколько секунд." },
  check: {
    title: "Проверка звука", step: (number) => `Шаг ${number} из 3`,
    hear: "Наденьте наушники и прослушайте фразу", play: "Прослушать фразу", heard: "Слышу хорошо", notHeard: "Не слышу",
    say: "Скажите фразу вслух, обычным голосом", phrase: "«Доброе утро! Я готов отвечать, меня хорошо слышно.»",
    record: "Начать запись", stop: "Готово", again: "Записать ещё раз",
    yourself: "Послушайте себя", playYourself: "Прослушать запись", heardYourself: "Слышу себя", notYourself: "Не слышу себя",
    passed: "Звук в порядке", go: "Продолжить", person: "Не получается? Нажмите «Позвать организатора» или поднимите руку.",
    before: "Проверить звук ещё раз", back: "Вернуться к заданию", clock: "Время работы идёт.", openUp: "Включить микрофон", tip: "Говорите так, чтобы полоска доходила до отмеченного места.",
    problems: {
      phrase_not_heard: "Проверьте, что наушники подключены и громкость не на нуле, и прослушайте ещё раз.",
      own_voice_not_heard: "Запишите фразу ещё раз и прослушайте.", phrase_not_said: "",
      device_refused: "Микрофон не открылся.",
      unplugged: "Микрофон не подключён: вставьте штекер гарнитуры до конца или выберите другой микрофон ниже.",
      muted: "Микрофон выключен в компьютере. Нажмите «Включить микрофон».", turned_down: "Микрофон почти выключен: его громкость на нуле. Нажмите «Включить микрофон».",
      own_switch: "Микрофон подключён, но молчит. Похоже, он выключен своей кнопкой: посмотрите на провод и на наушник.",
    },
  },
  level: { name: "Уровень звука", quiet: "тихо", good: "хорошо", loud: "слишком громко", zone: "хорошо слышно здесь" },
  verdicts: {
    heard: "Вас хорошо слышно.", silent: "Речи не слышно. Проверьте, что микрофон у рта и не выключен.",
    too_quiet: "Слишком тихо. Поднесите микрофон ближе ко рту и говорите громче.",
    clipped: "Слышно, но слишком громко: отодвиньте микрофон немного.",
    noisy: "Мешает шум. Говорите ближе к микрофону.", neighbour: "Похоже, слышно соседа, а не вас. Говорите ближе к микрофону.",
    wrong_device: "Микрофон молчал, или звук шёл не с той гарнитуры. Позовите организатора.", no_data: "Звук не записался. Позовите организатора.",
  },
  instruction: {
    title: "Инструкция", map: "Из чего состоит работа", time: (minutes) => `Время на работу: ${minutes} мин`,
    part: (title, seconds) => [title, seconds && length(seconds)].filter(Boolean).join(" · "),
    rest: (seconds, kind) => `${kind === "rest" ? "Перерыв" : "Отдых для глаз"}: ${length(seconds)}`,
    fixed: (seconds) => `ровно ${length(seconds)}`, drafts: "Черновиком пользоваться можно, записи в нём не проверяются.", noDrafts: "Черновиком пользоваться нельзя.",
    points: (points) => `Баллов всего: ${points}`, ready: "Готов", number: "№", extra: (percent) => `Для вас время увеличено на ${percent} %.`, task: "Задание", how: "Как отвечать", pointsHead: "Баллы",
  },
  kinds: {
    written: "письменно", listening: ({ listening }) => listening ? `слушать: ${listening.plays} ${plural(listening.plays, "раз", "раза", "раз")}, ${listening.read_s} с на чтение` : "слушать",
    speaking: ({ speaking }) => speaking ? `говорить: подготовка ${length(speaking.prepare_s)}, ответ до ${length(speaking.record_s)}` : "говорить",
  },
  waiting: {
    title: "Ждём начала", what: "Работа начнётся, когда её запустит организатор. Ничего нажимать не нужно.",
    ready: "Вы готовы", seat: "Ваше место", loading: (count) => `Загружаются материалы: осталось файлов ${count}`, loaded: "Материалы загружены",
    sound: "Звук проверен",
  },
  work: {
    item: (number) => `Задание ${number}`, left: "Осталось", next: "Далее", back: "Назад", end: "К завершению", map: "Задания",
    answered: { all: "есть ответ", some: "ответ неполный", none: "нет ответа" }, current: "сейчас здесь",
    saving: "Сохраняется…", here: "Сохранено на этом компьютере", server: "Сохранено", offline: "Связи нет, ответы хранятся здесь",
    minutes: (minutes) => `Осталось ${minutes} ${plural(minutes, "минута", "минуты", "минут")}`,
    extra: (minutes) => `добавлено ${minutes} мин`, extraPercent: (percent) => `время увеличено на ${percent} %`, added: (minutes) => `Организатор добавил ${minutes} мин`,
    cut: "Связь с сервером прервалась. Продолжайте работать: ответы хранятся на этом компьютере и будут отправлены сами, когда связь вернётся.",
    closed: "Ответы этого задания больше не принимаются.", reach: { closed: "вернуться нельзя", ahead: "ещё не открыто" },
    ways: { item: "Далее", closing: "Дальше", break: "К перерыву" },
    limits: {
      fixed: (time) => `На это задание осталось ${time}. Следующее откроется само: раньше уйти и потом вернуться нельзя.`,
      part: (time) => `На эту часть осталось ${time}`, stage: (time) => `На это задание осталось: ${time}`,
    },
    unheard: "Этот устный ответ может быть не слышен эксперту. Позовите организатора.", message: "Сообщение организатора", read: "Понятно", bound: "Сначала закончите устный ответ.",
  },
  listening: {
    read: "Прочитайте задание. Запись можно будет включить, когда закончится время на чтение.",
    play: "Слушать", playing: "Звучит запись", left: (count) => `Осталось прослушиваний: ${count}`, none: "Прослушиваний больше нет.",
    volumeHint: "Громкость можно менять во время прослушивания.", broken: "Звук прервался. Нажмите «Слушать»: запись продолжится с того же места.",
  },
  speaking: {
    plan: ({ prepare_s: prepare, record_s: record, takes }) => `Сначала ${length(prepare)} на подготовку, затем до ${length(record)} на ответ. ${takes > 1 ? `Записать можно ${takes} ${plural(takes, "раз", "раза", "раз")}.` : "Записать ответ можно один раз."}`,
    prepare: "Начать подготовку", preparing: "Подготовка", early: "Начать раньше", soon: "Запись начнётся сама.",
    recording: "Идёт запись", left: "осталось", stop: "Закончить", after: "Ответ записан", seconds: (seconds) => `Записано: ${length(seconds)}`,
    again: "Записать ещё раз", playback: "Прослушать ответ", opening: "Открываю микрофон…", itself: (time) => `Подготовка начнётся сама через ${time}`,
  },
  leaving: {
    ask: { closing: "Перейти дальше?", break: "Закончить часть и перейти к перерыву?" }, all: "Ответы есть на всё, что будет закрыто.",
    gone: "Вернуться будет нельзя. Время, которое осталось, перейдёт дальше.", yes: "Перейти", no: "Остаться",
  },
  rest: {
    kinds: { eyes: "Отдых для глаз", rest: "Перерыв" }, which: (number, of) => `Перерыв ${number} из ${of}`,
    advice: { eyes: "Отведите взгляд от экрана: посмотрите вдаль, поморгайте, на минуту закройте глаза.", rest: "Отдохните. Оставайтесь на своём месте." },
    stands: "Время работы остановлено, ответы сохранены.", runs: "Перерыв входит во время работы. Ответы сохранены.",
    next: (title) => `Потом сама откроется часть «${title}».`, itself: "Потом задание откроется само.", end: "Продолжить работу",
  },
  troubles: {
    title: "Микрофон не работает", safe: "Время остановлено. Всё записанное сохранено.", seen: "Организатор уже видит это на своём экране.", unseen: "Связи с сервером нет: поднимите руку.", retry: "Попробовать снова",
    no_sound_card: "На компьютере не найдено звуковое устройство.", device_missing: "Гарнитура не найдена: проверьте, что она подключена.",
    not_allowed: "Браузер не пускает к микрофону: разрешите его значком у адреса страницы и попробуйте снова.",
    device_busy: "Микрофон занят другой программой.", device_stuck: "Звуковая система не отвечает.",
    no_callbacks: "Микрофон перестал передавать звук.", device_lost: "Гарнитура отключилась: подключите её снова.", wrong_device: "Гарнитура отключилась, и звук пошёл с другого микрофона: подключите её снова.",
    all_zero: "Микрофон выключен. Включите его кнопкой на проводе или наушнике и проверьте, что гарнитура подключена до конца.", muted: "Микрофон выключен в компьютере. Нажмите «Попробовать снова»: он включится сам.", unplugged: "Микрофон не подключён: подключите гарнитуру.",
    maybe_muted: "Микрофон молчит. Если вы говорите, посмотрите, не выключен ли он кнопкой на проводе или наушнике. Запись идёт.",
    storage_full: "На диске нет места для записи.", storage_failed: "Диск не принимает запись.", other: "Звук не записывается.",
  },
  paused: {
    title: "Пауза", why: "Работу приостановил организатор.", what: "Время остановлено, ответы сохранены. Работа продолжится сама, когда организатор её возобновит.",
  },
  finish: {
    title: "Завершение", what: "Проверьте, на все ли задания есть ответ. Пока есть время, к любому можно вернуться.",
    whatOfPart: "Проверьте, на все ли задания есть ответ. К заданиям законченных частей вернуться нельзя.",
    number: "Задание", state: "Ответ", spoken: (count) => `записей: ${count}`, go: "Завершить работу", back: "Вернуться к заданиям",
    ask: "Завершить работу?", gone: "После завершения изменить ответы нельзя.", missing: (list) => `Без ответа или с неполным ответом: ${list}.`, all: "Ответы есть на все задания.",
    yes: "Завершить", no: "Ещё поработаю",
  },
  done: {
    title: "Спасибо", reasons: { candidate: "Работа завершена.", time: "Время вышло. Работа завершена, всё введённое и записанное сохранено.", organizer: "Работу завершил организатор. Всё сохранено." },
    code: "Код квитанции", keep: "Перепишите его целиком: по нему на апелляции покажут, какие ответы и записи речи были сохранены.",
    away: "Связи с сервером нет: ответы сохранены на этом компьютере и уйдут сами. Не выключайте компьютер.",
    delivered: "Все ответы переданы на сервер.", sending: "Ответы передаются на сервер. Не выключайте компьютер.", leave: "К входу следующего участника",
  },
  moved: { title: "Работа продолжается на другом месте", what: "Организатор пересадил участника. Здесь ввод закрыт; всё, что было введено, передаётся на сервер.", leave: "К входу" },
  refusals: {
    server_away: "Сервер аудитории не отвечает. Проверьте сеть или позовите организатора.",
    login_wrong: "Логин набран неверно: восемь цифр с листка, последняя проверочная.", login_unknown: "Такого логина в этом сеансе нет. Проверьте цифры или позовите организатора.",
    not_open: "Сеанс ещё не открыт. Подождите и попробуйте снова.", already_seated: "По этому логину уже работают на другом месте. Позовите организатора.",
    seat_occupied: "На этом месте уже работает другой участник. Позовите организатора.", attempt_over: "Работа по этому логину уже завершена.",
    too_often: "Слишком много неверных попыток. Подождите минуту.", pairing_refused: "Сопряжение не подтверждено.", insecure_server: "Адрес сервера неверен. Пример: https://192.168.1.10:8443",
    unknown_workstation: "Сервер не знает этого рабочего места. Его нужно подключить заново.", workstation_blocked: "Рабочее место закрыто организатором.",
    version: "Программа рабочего места не подходит к серверу. Позовите технического специалиста.", stale_server: "Этот сервер больше не ведёт сеанс. Позовите организатора.",
    no_plays_left: "Прослушиваний больше нет.", not_now: "Сейчас это невозможно.", disk_full: "На диске нет места. Позовите организатора: ответ ещё не сохранён.",
    file_too_large: "Файл пуст или слишком велик: можно до 20 мегабайт, вместе до 64.", file_missing: "Этот файл лежит на другом рабочем месте или на сервере, ваш ответ цел.",
    exit_wrong: "Код не подошёл. Он показан на пульте организатора.", exit_too_often: "Слишком много неверных кодов. Подождите минуту.",
    http_401: "Эта страница закрыта: рабочее место открыто в другом окне.", other: "Не получилось. Попробуйте ещё раз или позовите организатора.",
  },
  forget: "Подключить к серверу заново", volume: "Громкость",
  minutes: (hours, minutes) => (hours ? `${hours} ч ${String(minutes).padStart(2, "0")} мин` : `${minutes} мин`),
  call: {
    open: "Позвать организатора", title: "Что сказать организатору?", back: "Не звать", done: "Организатор видит ваше сообщение",
    wait: "Он подойдёт. Пока можно работать дальше: ответы сохраняются сами.", told: (time, reason) => `Позван в ${time}: ${reason.toLowerCase()}`,
    leave: "Дождитесь разрешения. Когда организатор разрешит выйти, закройте экран: задания никто не увидит.", goOut: "Закрыть экран и выйти",
    reasons: { no_sound: "Не слышно запись", microphone: "Не работает микрофон", task: "Задание не открывается или видно не всё", computer: "Не работает компьютер, мышь или клавиатура", leave: "Мне нужно выйти", unwell: "Мне плохо", hand: "Просто подойдите" },
  },
  away: {
    title: "Вы вышли из аудитории", since: (time) => `Экран закрыт с ${time}. Ответы сохранены, заданий никто не видит.`,
    runs: "Время работы идёт.", stands: "Время работы остановлено.", left: (time) => `Осталось ${time}`,
    label: "Вернулись? Введите свой логин", go: "Вернуться к работе",
  },
  devices: {
    title: "Выбрать другой микрофон или наушники", input: "Микрофон", output: "Наушники", none: "не найдено",
    states: { muted: "выключен в компьютере", turned_down: "громкость на нуле", unplugged: "не подключён" },
  },
  letters: { aid: "Помощь в наборе", name: "Буквы", shift: "Заглавная", tip: "Буква встанет на место курсора. С клавиатуры: F2 — к буквам, Enter — вставить, Esc — назад к ответу." },
  noNames: "Не пишите в ответе своё имя, фамилию и школу: работы проверяют без имён.",
  lookAlikes: { found: (letters) => `В ответе есть русские буквы, похожие на латинские: ${letters}.`, replace: "Заменить на латинские" },
  guard: { blocked: "Копирование и вставка здесь выключены: ответ нужно набрать. Всё набранное цело." },
  exit: {
    title: "Выход из программы", what: "Это для организатора. Участнику вводить ничего не нужно: ответы сохранены, можно вернуться к работе.",
    label: "Код выхода", hint: "Шесть цифр с пульта организатора", go: "Выйти", back: "Вернуться к работе",
    free: "Это рабочее место ещё не знает сервера: код не нужен.",
    closed: { title: "Рабочее место закрыто", what: "Программу закрыл организатор. Начатая работа не завершена: ответы и записи сохранены на этом компьютере.", next: "Чтобы продолжить с того же места, запустите программу рабочего места снова." },
  },
};

const EN = {
  page: "Workstation", seat: (seat) => `seat ${seat}`, room: (room) => `room ${room}`,
  language: "Language", otherLanguage: "Русский", training: "Training: nothing counts", skip: "To the task",
  linkGood: "server connected", linkAway: "no connection to the server",
  gone: "The workstation program does not answer",
  goneSafe: "Everything marked as saved is safe. Typing is stopped so that nothing gets lost.",
  goneRemedy: "Wait a moment: the work goes on by itself. If this lasts longer than a minute, raise your hand.",
  goneUnsaved: (count) => `Answers not saved yet: ${count}. They will be written as soon as the program answers.`,
  pairing: {
    title: "Pairing this workstation", what: "This workstation does not know the classroom server yet. An organizer or a technician connects it.",
    address: "Address of the classroom server", begin: "Show the code", found: "Found on the network", none: "No server was found on the network: type the address shown on its screen.",
    code: "Workstation code", type: "Type these six digits at the server's console for this seat.",
    wait: "The server waits for the code…", green: "The server took the code. Look at the console: is it green?",
    red: "The code did not match. If the digits were typed correctly, somebody stands between this workstation and the server: call the technician.",
    yes: "The console is green", no: "The console is not green", again: "Show a new code",
  },
  signIn: {
    title: "Sign in", label: "Login", hint: "Eight digits from your slip", go: "Sign in", wait: "Signing in…",
    wrong: "The last digit does not fit: look at the slip again.", count: (count) => `Digits to go: ${count}`,
  },
  loading: { title: "Preparing the tasks", left: (count) => `Files to go: ${count}`, keep: "This takes a few seconds." },
  check: {
    title: "Sound check", step: (number) => `Step ${number} of 3`,
    hear: "Put the headset on and listen to the phrase", play: "Play the phrase", heard: "I hear it well", notHeard: "I do not hear it",
    say: "Say the phrase aloud in your usual voice", phrase: "“Good morning! I am ready to answer, you can hear me well.”",
    record: "Start recording", stop: "Done", again: "Record again",
    yourself: "Listen to yourself", playYourself: "Play the recording", heardYourself: "I hear myself", notYourself: "I do not hear myself",
    passed: "The sound is fine", go: "Continue", person: "It does not work? Press “Call the organizer” or raise your hand.",
    before: "Check the sound again", back: "Back to the task", clock: "The time of the work is running.", openUp: "Switch the microphone on", tip: "Speak so that the bar reaches the marked zone.",
    problems: {
      phrase_not_heard: "Check that the headset is plugged in and the volume is up, then listen again.",
      own_voice_not_heard: "Record the phrase again and listen.", phrase_not_said: "", device_refused: "The microphone did not open.",
      unplugged: "The microphone is not plugged in: push the plug of the headset in to the end, or choose another microphone below.",
      muted: "The microphone is switched off in the computer. Press “Switch the microphone on”.", turned_down: "The microphone is almost off: its level is at zero. Press “Switch the microphone on”.",
      own_switch: "The microphone is plugged in but silent. Its own switch seems to be off: look at the cable and at the earpiece.",
    },
  },
  level: { name: "Sound level", quiet: "quiet", good: "good", loud: "too loud", zone: "heard well here" },
  verdicts: {
    heard: "You can be heard well.", silent: "No speech was heard. Check that the microphone is near your mouth and switched on.",
    too_quiet: "Too quiet. Bring the microphone closer and speak up.", clipped: "Heard, but too loud: move the microphone away a little.",
    noisy: "Noise gets in the way. Speak closer to the microphone.", neighbour: "It sounds like your neighbour, not you. Speak closer to the microphone.",
    wrong_device: "The microphone was silent, or the sound came from another headset. Call the organizer.", no_data: "No sound was recorded. Call the organizer.",
  },
  instruction: {
    title: "Instruction", map: "What the work consists of", time: (minutes) => `Time for the work: ${minutes} min`,
    part: (title, seconds) => [title, seconds && lengthEn(seconds)].filter(Boolean).join(" · "),
    rest: (seconds, kind) => `${kind === "rest" ? "Break" : "Rest for the eyes"}: ${lengthEn(seconds)}`,
    fixed: (seconds) => `exactly ${lengthEn(seconds)}`, drafts: "You may use a draft; notes in it are not marked.", noDrafts: "Drafts are not allowed.",
    points: (points) => `Points in all: ${points}`, ready: "Ready", number: "No.", extra: (percent) => `You have ${percent} % more time.`, task: "Task", how: "How to answer", pointsHead: "Points",
  },
  kinds: {
    written: "in writing", listening: ({ listening }) => listening ? `listen: ${listening.plays} times, ${listening.read_s} s to read` : "listen",
    speaking: ({ speaking }) => speaking ? `speak: ${lengthEn(speaking.prepare_s)} to prepare, up to ${lengthEn(speaking.record_s)} to answer` : "speak",
  },
  waiting: {
    title: "Waiting for the start", what: "The work begins when the organizer starts it. You need not press anything.",
    ready: "You are ready", seat: "Your seat", loading: (count) => `Loading materials: ${count} files to go`, loaded: "Materials are loaded", sound: "Sound is checked",
  },
  work: {
    item: (number) => `Task ${number}`, left: "Time left", next: "Next", back: "Back", end: "To the end", map: "Tasks",
    answered: { all: "answered", some: "partly answered", none: "not answered" }, current: "you are here",
    saving: "Saving…", here: "Saved on this computer", server: "Saved", offline: "No connection, answers are kept here",
    minutes: (minutes) => `${minutes} ${minutes === 1 ? "minute" : "minutes"} left`,
    extra: (minutes) => `${minutes} min added`, extraPercent: (percent) => `${percent} % more time`, added: (minutes) => `The organizer added ${minutes} min`,
    cut: "The connection to the server broke. Go on working: the answers are kept on this computer and will be sent by themselves.",
    closed: "Answers to this task are not taken any more.", reach: { closed: "no way back", ahead: "not open yet" },
    ways: { item: "Next", closing: "Go on", break: "To the break" },
    limits: {
      fixed: (time) => `Time left for this task: ${time}. The next one opens by itself: you cannot leave earlier or come back.`,
      part: (time) => `Time left for this part: ${time}`, stage: (time) => `Time left for this task: ${time}`,
    },
    unheard: "The expert may not be able to hear this spoken answer. Call the organizer.", message: "Message from the organizer", read: "Got it", bound: "Finish the spoken answer first.",
  },
  listening: {
    read: "Read the task. You can play the recording when the reading time is over.",
    play: "Listen", playing: "The recording is playing", left: (count) => `Hearings left: ${count}`, none: "No hearings left.",
    volumeHint: "You can change the volume while you listen.", broken: "The sound broke off. Press “Listen”: it goes on from the same place.",
  },
  speaking: {
    plan: ({ prepare_s: prepare, record_s: record, takes }) => `First ${lengthEn(prepare)} to prepare, then up to ${lengthEn(record)} to answer. ${takes > 1 ? `You can record ${takes} times.` : "You can record the answer once."}`,
    prepare: "Start preparing", preparing: "Preparation", early: "Start earlier", soon: "Recording starts by itself.",
    recording: "Recording", left: "left", stop: "Finish", after: "The answer is recorded", seconds: (seconds) => `Recorded: ${lengthEn(seconds)}`,
    again: "Record again", playback: "Play the answer", opening: "Opening the microphone…", itself: (time) => `Preparation starts by itself in ${time}`,
  },
  leaving: {
    ask: { closing: "Go on?", break: "Finish this part and go to the break?" }, all: "Everything that will be closed has an answer.",
    gone: "You cannot come back. The time that is left goes to what follows.", yes: "Go on", no: "Stay",
  },
  rest: {
    kinds: { eyes: "Rest for the eyes", rest: "Break" }, which: (number, of) => `Break ${number} of ${of}`,
    advice: { eyes: "Look away from the screen: look far off, blink, close your eyes for a minute.", rest: "Take a rest. Stay in your place." },
    stands: "The time of the work is stopped, the answers are saved.", runs: "The break is part of the time of the work. The answers are saved.",
    next: (title) => `Then the part “${title}” opens by itself.`, itself: "Then the task opens by itself.", end: "Go on with the work",
  },
  troubles: {
    title: "The microphone does not work", safe: "The time is stopped. Everything recorded is safe.", seen: "The organizer already sees this.", unseen: "There is no connection to the server: raise your hand.", retry: "Try again",
    no_sound_card: "No sound device was found on this computer.", device_missing: "The headset was not found: check that it is plugged in.",
    not_allowed: "The browser keeps the microphone closed: allow it by the sign beside the page's address and try again.",
    device_busy: "Another program uses the microphone.", device_stuck: "The sound system does not answer.",
    no_callbacks: "The microphone stopped giving sound.", device_lost: "The headset was unplugged: plug it in again.", wrong_device: "The headset was unplugged and the sound came from another microphone: plug it in again.",
    all_zero: "The microphone is switched off. Switch it on by the button on its cable or earpiece and check that the headset is plugged in all the way.", muted: "The microphone is switched off in the computer. Press “Try again”: it switches on by itself.", unplugged: "The microphone is not plugged in: plug in the headset.",
    maybe_muted: "The microphone is silent. If you are speaking, see whether it is switched off on its cable or earpiece. The recording goes on.",
    storage_full: "There is no room on the disk for the recording.", storage_failed: "The disk does not take the recording.", other: "Sound is not being recorded.",
  },
  paused: { title: "Pause", why: "The organizer paused the work.", what: "The time is stopped, the answers are saved. The work goes on by itself when the organizer resumes it." },
  finish: {
    title: "The end", what: "Check that every task has an answer. While there is time you can go back to any of them.",
    whatOfPart: "Check that every task has an answer. You cannot go back to tasks of finished parts.",
    number: "Task", state: "Answer", spoken: (count) => `recordings: ${count}`, go: "Finish the work", back: "Back to the tasks",
    ask: "Finish the work?", gone: "After that the answers cannot be changed.", missing: (list) => `Not or only partly answered: ${list}.`, all: "Every task has an answer.",
    yes: "Finish", no: "Keep working",
  },
  done: {
    title: "Thank you", reasons: { candidate: "The work is finished.", time: "The time is over. The work is finished; everything typed and recorded is saved.", organizer: "The organizer finished the work. Everything is saved." },
    code: "Receipt code", keep: "Copy all of it: at an appeal it proves which answers and recordings of speech were kept.",
    away: "There is no connection to the server: the answers are kept on this computer and go by themselves. Do not switch the computer off.",
    delivered: "All answers have been passed to the server.", sending: "Answers are being passed to the server. Do not switch the computer off.", leave: "To the next candidate's sign-in",
  },
  moved: { title: "The work goes on at another seat", what: "The organizer moved the candidate. Input is closed here; everything that was typed is being passed to the server.", leave: "To the sign-in" },
  refusals: {
    server_away: "The classroom server does not answer. Check the network or call the organizer.",
    login_wrong: "The login is wrong: eight digits from the slip, the last one is a check digit.", login_unknown: "There is no such login in this sitting. Check the digits or call the organizer.",
    not_open: "The sitting is not open yet. Wait and try again.", already_seated: "This login is in use at another seat. Call the organizer.",
    seat_occupied: "Another candidate works at this seat. Call the organizer.", attempt_over: "The work of this login is finished.",
    too_often: "Too many wrong tries. Wait a minute.", pairing_refused: "The pairing was not confirmed.", insecure_server: "The address is wrong. Example: https://192.168.1.10:8443",
    unknown_workstation: "The server does not know this workstation. It has to be paired again.", workstation_blocked: "The organizer closed this workstation.",
    version: "This program does not fit the server. Call the technician.", stale_server: "This server no longer leads the sitting. Call the organizer.",
    no_plays_left: "No hearings left.", not_now: "This is not possible now.", disk_full: "There is no room on the disk. Call the organizer: the answer is not saved yet.",
    file_too_large: "The file is empty or too large: up to 20 megabytes, 64 together.", file_missing: "This file lies at another workstation or on the server; your answer is safe.",
    exit_wrong: "The code does not fit. The organizer's console shows it.", exit_too_often: "Too many wrong codes. Wait a minute.",
    http_401: "This page is closed: the workstation was opened in another window.", other: "It did not work. Try again or call the organizer.",
  },
  forget: "Pair with a server anew", volume: "Volume",
  minutes: (hours, minutes) => (hours ? `${hours} h ${String(minutes).padStart(2, "0")} min` : `${minutes} min`),
  call: {
    open: "Call the organizer", title: "What shall the organizer know?", back: "Do not call", done: "The organizer sees your message",
    wait: "Somebody will come. Go on working meanwhile: the answers save themselves.", told: (time, reason) => `Called at ${time}: ${reason.toLowerCase()}`,
    leave: "Wait for permission. When the organizer lets you go, cover the screen: nobody will see the tasks.", goOut: "Cover the screen and leave",
    reasons: { no_sound: "The recording cannot be heard", microphone: "The microphone does not work", task: "The task does not open or is cut off", computer: "The computer, mouse or keyboard does not work", leave: "I have to leave the room", unwell: "I feel unwell", hand: "Please come here" },
  },
  away: {
    title: "You are out of the room", since: (time) => `The screen is covered since ${time}. The answers are saved, nobody sees the tasks.`,
    runs: "The time of the work is running.", stands: "The time of the work is stopped.", left: (time) => `Time left: ${time}`,
    label: "Back again? Type your login", go: "Back to the work",
  },
  devices: {
    title: "Choose another microphone or headphones", input: "Microphone", output: "Headphones", none: "none found",
    states: { muted: "switched off in the computer", turned_down: "level at zero", unplugged: "not plugged in" },
  },
  letters: { aid: "Help with typing", name: "Letters", shift: "Capital", tip: "The letter goes where the cursor is. By keyboard: F2 to the letters, Enter to put one, Esc back to the answer." },
  noNames: "Do not write your name or school in the answer: work is marked without names.",
  lookAlikes: { found: (letters) => `Some letters are Russian and only look Latin: ${letters}.`, replace: "Make them Latin" },
  guard: { blocked: "Copying and pasting are switched off here: type the answer. Everything typed is safe." },
  exit: {
    title: "Leave the program", what: "This is for the organizer. A candidate need not type anything: the answers are saved, you can go back to the work.",
    label: "Exit code", hint: "Six digits from the organizer's console", go: "Leave", back: "Back to the work",
    free: "This workstation does not know a server yet: no code is needed.",
    closed: { title: "The workstation is closed", what: "The organizer closed the program. Work that was begun is not finished: answers and recordings are kept on this computer.", next: "To go on at the same place, start the workstation program again." },
  },
};

function plural(count, one, few, many) {
  const tail = count % 100;
  if (tail > 10 && tail < 20) return many;
  return { 1: one, 2: few, 3: few, 4: few }[count % 10] ?? many;
}

function length(seconds) {
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return [minutes ? `${minutes} мин` : "", rest || !minutes ? `${rest} с` : ""].filter(Boolean).join(" ");
}

function lengthEn(seconds) {
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return [minutes ? `${minutes} min` : "", rest || !minutes ? `${rest} s` : ""].filter(Boolean).join(" ");
}

export const LANGUAGES = { ru: RU, en: EN };

export function wordsIn(language) {
  return LANGUAGES[language] ?? RU;
}

export function explainRefusal(words, refusal) {
  // A server's own words, in its language, are better than none.
  const own = refusal.code && refusal.message !== refusal.code ? refusal.message : "";
  return words.refusals[refusal.code] ?? (own || words.refusals.other);
}
